import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RejectCode } from './error.ts';

/** What the specification promises of itself: that its rules are checked, by vectors that exist. */
const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const directory = new URL('./vectors/', import.meta.url);

/** A vector as far as this test reads it. */
interface Vector {
  readonly name?: string;
  readonly description?: string;
  readonly error?: string;
  readonly verdict?: string;
  readonly steps?: readonly { readonly code?: string }[];
}

const slug = (description: string) =>
  description
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** `file.json#name` → vectors of that name. */
const vectors = new Map<string, Vector[]>();
for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
  const content: unknown = JSON.parse(readFileSync(new URL(file, directory), 'utf8'));
  for (const list of Object.values(content as object)) {
    if (!Array.isArray(list)) continue;
    for (const vector of list as Vector[]) {
      const name = vector.name ?? slug(vector.description ?? '');
      vectors.set(`${file}#${name}`, [...(vectors.get(`${file}#${name}`) ?? []), vector]);
    }
  }
}

const CITATION = /`([a-z0-9-]+\.json#[a-z0-9-]+)`/g;
const citedIn = (part: string) => [...part.matchAll(CITATION)].map((match) => match[1] ?? '');
/** Paragraphs, list items and table rows. */
const blocks = text.split(/\n\s*\n|\n(?=\s*(?:- |\d+\. |\|))/);

describe('docs/protocol.md', () => {
  test('every cited vector exists', () => {
    expect(citedIn(text).filter((citation) => !vectors.has(citation))).toEqual([]);
    expect(citedIn(text).length).toBeGreaterThan(150);
  });

  test('every must cites a vector', () => {
    const musts = blocks.filter((block) => /\bmust\b/.test(block));
    expect(musts.length).toBeGreaterThan(30);
    expect(musts.filter((block) => citedIn(block).length === 0)).toEqual([]);
  });

  test('every code of a rejection is named, and a vector with it is cited', () => {
    const codes: Record<RejectCode, true> = {
      size: true,
      depth: true,
      encoding: true,
      canonical: true,
      schema: true,
      address: true,
      key: true,
      signature: true,
      'wrong-network': true,
      'parent-rejected': true,
      locator: true,
      'no-coin': true,
      insufficient: true,
    };
    const cited = citedIn(text).flatMap((citation) => vectors.get(citation) ?? []);
    const codesOf = ({ error, steps = [] }: Vector) => [error, ...steps.map((step) => step.code)];
    const shown = new Set(cited.flatMap(codesOf));
    expect(Object.keys(codes).filter((code) => !shown.has(code) || !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('every scenario of a decision is cited', () => {
    const scenarios = [...vectors.keys()].filter((name) => name.startsWith('decide.json#'));
    const cited = new Set(citedIn(text));
    expect(scenarios.filter((name) => !cited.has(name))).toEqual([]);
  });

  test('every link inside it leads somewhere', () => {
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1] ?? ''));
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});
