/** The frame of every screen: its title, its way back, its width. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { firstPicture } from '../../client/frames.ts';
import { type Route, routeFragment } from '../../client/route.ts';
import { TestBadge, useTestMoney } from '../network/test-network.tsx';
import { Icon } from './icon.tsx';

interface ScreenProps {
  readonly title: string;
  /** The screen above this one. */
  readonly up?: { readonly to: Route; readonly label: string };
  /** The title is on the page for screen readers only, where something else is the first thing to see. */
  readonly quietTitle?: boolean;
  /** Play money is on it although the test network is not open yet. */
  readonly isTest?: boolean;
  readonly children: ComponentChildren;
}

/** One screen. Its heading takes the focus when the route changes; where play money shows, it is called so. */
export function Screen({ title, up, quietTitle = false, isTest = false, children }: ScreenProps) {
  useEffect(() => {
    let isShown = true;
    // The browser draws its window anew for it.
    firstPicture.then(() => {
      if (isShown) document.title = title === 'TorrentTX' ? title : `${title} · TorrentTX`;
    });
    return () => {
      isShown = false;
    };
  }, [title]);
  const isTestMoney = useTestMoney() || isTest;
  const heading = (
    <h1 tabIndex={-1} class={quietTitle ? 'visually-hidden' : undefined}>
      {title}
    </h1>
  );
  if (quietTitle) {
    return (
      <div class="screen">
        {heading}
        {children}
      </div>
    );
  }
  return (
    <div class="screen">
      <div class="screen-head">
        {up !== undefined && (
          <a class="up" href={routeFragment(up.to)}>
            <Icon name="back" />
            <span>{up.label}</span>
          </a>
        )}
        {heading}
        {isTestMoney && <TestBadge />}
      </div>
      {children}
    </div>
  );
}

/** What had the focus may be gone when `kind` changes: who uses the keyboard goes on at the heading, not at the top of the page. */
export function useFocusKept(kind: string): void {
  const before = useRef(kind);
  useEffect(() => {
    if (before.current === kind) return;
    before.current = kind;
    if (document.activeElement === document.body) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [kind]);
}

/** A part of a screen under its own heading. */
export function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="section">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A surface that holds what belongs together. */
export function Card({ children }: { readonly children: ComponentChildren }) {
  return <div class="card">{children}</div>;
}
