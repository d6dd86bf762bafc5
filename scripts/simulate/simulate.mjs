/**
 * `npm run simulate -- consensus [--nodes=100] [--scale=1] [--seed=1] [--only=text] [--log=file] [--json]`: attacks on the rules of
 * docs/consensus.md, and what became of them, among real nodes; a second of computing for each run and hundred nodes. With `--log` each network
 * adds a line to the file; `--from=file,file` adds up what such files hold, finished or not, and runs nothing.
 * `npm run simulate -- model [the same] [--rules=contest|sketch]`: the same attacks on a plain model of the rules, some ten times as quick.
 * `npm run simulate -- network [--nodes=10,100,1000] [--seed=1] [--hostile=0,0.3] [--json]`: the node's own code, as many times as there are
 * nodes, on a virtual clock; see src/simulation/.
 * `npm run simulate -- flood [--nodes=20] [--seed=1]`: what it costs such nodes when somebody floods them with rivals, proofs or votes.
 * `npm run simulate -- race [--nodes=20] [--runs=5] [--seed=1]`: two payments with one coin between such nodes.
 */
import { runnerImport } from 'vite';
import { main, ROOT, SetupError, setUp } from '../setup.mjs';

/** @typedef {import('./consensus.ts').Row} Row */
/** @typedef {import('../../src/simulation/network-scenario.ts').NetworkResult} NetworkResult */

/** @param {number} share */
const percent = (share) => `${(100 * share).toFixed(2)}`;
/** @param {number} ms */
const seconds = (ms) => (Number.isFinite(ms) ? (ms / 1_000).toFixed(1) : 'never');

/** @param {Row} row */
function formatAttack(row) {
  const { oneSide } = row;
  const shares = `${percent(oneSide.share).padStart(6)} (${percent(oneSide.low)}–${percent(oneSide.high)})`.padEnd(24);
  const others = `${percent(row.contested.share).padStart(6)} ${percent(row.split.share).padStart(6)}`;
  const times = `${seconds(row.agreeMs.p50).padStart(6)} ${seconds(row.agreeMs.p99).padStart(6)} ${seconds(row.settledP99Ms).padStart(7)}`;
  const harm = `${percent(row.worstMinority).padStart(7)} ${String(row.reversals).padStart(5)} ${`${row.cheatedPayees}/${row.cheatedPayeesAmongHonest}`.padStart(7)}`;
  if (row.runs > 0 && Number.isNaN(oneSide.share))
    return `${row.name.padEnd(48)}${percent(row.confirmedIn20s)} % confirmed within 20 s, of ${row.runs}`;
  return `${row.name.padEnd(48)}${String(row.runs).padStart(6)} ${shares}${others}${times}${harm}`;
}

/** @param {NetworkResult} result */
function formatNetwork(result) {
  const {
    nodes,
    hostile,
    spreadMs,
    bytesPerNodePerPayment,
    healMs,
    churnSpreadMs,
    churnHealMs,
    hostilePeersPerNode,
    failures,
    realSeconds,
  } = result;
  /** @param {NetworkResult['spreadMs']} times */
  const columns = ({ p50, p95, p99 }) => [p50, p95, p99].map((ms) => seconds(ms).padStart(7)).join('');
  const spread = columns(spreadMs);
  const churn = `${columns(churnSpreadMs)}${seconds(churnHealMs).padStart(9)}`;
  const cost = bytesPerNodePerPayment.toLocaleString('en-GB').padStart(13);
  const harm = `${hostilePeersPerNode.toFixed(2).padStart(14)}${String(failures).padStart(10)}`;
  return `${String(nodes).padStart(5)}${percent(hostile).padStart(11)}${spread}${cost}${seconds(healMs).padStart(9)}${churn}${harm}${realSeconds.toFixed(0).padStart(8)}`;
}

/** @param {(name: string, otherwise: string) => string} option @param {boolean} json @param {boolean} isModel */
async function simulateConsensus(option, json, isModel) {
  /** @type {{ module: typeof import('./consensus.ts') }} */
  const { module: model } = await runnerImport('/scripts/simulate/consensus.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  /** @type {{ module: typeof import('./consensus-nodes.ts') }} */
  const { module: nodes } = await runnerImport('/scripts/simulate/consensus-nodes.ts', {
    root: ROOT,
    configFile: false,
    logLevel: 'error',
  });
  /** @type {{ module: typeof import('./consensus-log.ts') }} */
  const { module: logs } = await runnerImport('/scripts/simulate/consensus-log.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  const [log, from] = [option('log', ''), option('from', '')];
  if (!json) {
    const heads = `${'one side %'.padEnd(24)}contested  split  agree p50, p99, settled p99 (s)  worst minority %, reversals, cheated (among honest peers)`;
    console.log(`${'attack'.padEnd(48)}  runs ${heads}`);
  }
  /** @param {Row} row */
  const show = (row) => {
    if (!json) console.log(formatAttack(row));
  };
  const plan = {
    nodes: Number(option('nodes', '100')),
    scale: Number(option('scale', '1')),
    firstSeed: Number(option('seed', '1')),
    rules: option('rules', 'contest') === 'sketch' ? /** @type {const} */ ('sketch') : /** @type {const} */ ('contest'),
    only: option('only', ''),
  };
  const simulate = () =>
    isModel
      ? model.simulate(plan, show)
      : nodes.simulateNodes(plan, show, log === '' ? undefined : (network) => logs.appendToLog(log, network));
  const groups = from === '' ? await simulate() : logs.showLogs(from.split(','), show);
  if (!json) for (const row of groups.values()) console.log(formatAttack(row));
  return figuresOf(groups);
}

/** What comes late, and a busy network. @param {(name: string, otherwise: string) => string} option @param {boolean} json */
async function simulateLate(option, json) {
  /** @type {{ module: typeof import('./consensus-late.ts') }} */
  const { module: late } = await runnerImport('/scripts/simulate/consensus-late.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  const [log, from] = [option('log', ''), option('from', '')];
  const plan = {
    nodes: Number(option('nodes', '100')),
    scale: Number(option('scale', '1')),
    firstSeed: Number(option('seed', '1')),
    only: option('only', ''),
  };
  /** @type {Parameters<typeof late.simulateLate>[1]} */
  const ran = (tallies) => {
    if (log !== '') late.appendTallies(log, tallies);
  };
  const findings = from === '' ? await late.simulateLate(plan, ran) : late.findingsOf(late.readTallies(from.split(',')));
  if (!json) for (const finding of findings) console.log(late.formatFinding(finding));
  return late.figuresOfFindings(findings);
}

/** @param {(name: string, otherwise: string) => string} option @param {boolean} json */
async function simulateNetwork(option, json) {
  /** @type {{ module: typeof import('../../src/simulation/network-scenario.ts') }} */
  const { module } = await runnerImport('/src/simulation/network-scenario.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  if (!json)
    console.log(
      'nodes  hostile %  until 50 %, 95 %, 99 % (s)  bytes/payment  heal (s)  with churn (s)    all back  hostile peers  faults  real s',
    );
  const results = [];
  for (const hostile of option('hostile', '0,0.3').split(',').map(Number)) {
    for (const nodes of option('nodes', '10,100,1000').split(',').map(Number)) {
      const payments = nodes > 200 ? 5 : 20;
      const result = await module.runNetwork({ nodes, seed: Number(option('seed', '1')), payments, hostile });
      if (!json) console.log(formatNetwork(result));
      results.push(result);
    }
  }
  if (json) console.log(JSON.stringify(results, null, 1));
  else
    console.log(
      'One node is one row of code: the node as it ships, over loopback wires of 20–400 ms that lose 1 %. Verdicts on signatures are shared.',
    );
}

/** @param {number} nodes @param {number} seed */
async function simulateFloods(nodes, seed) {
  /** @type {{ module: typeof import('../../src/simulation/flood-scenario.ts') }} */
  const { module } = await runnerImport('/src/simulation/flood-scenario.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  await module.runFloods(nodes, seed, (result) => console.log(JSON.stringify(result)));
}

/** @param {number} nodes @param {number} runs @param {number} firstSeed */
async function simulateRaces(nodes, runs, firstSeed) {
  /** @type {{ module: typeof import('./race.ts') }} */
  const { module } = await runnerImport('/scripts/simulate/race.ts', { root: ROOT, configFile: false, logLevel: 'error' });
  for (let run = 0; run < runs; run++) {
    const gapMs = [0, 500, 2_000, 5_000, 9_500][run % 5] ?? 0;
    const { sides, agreeMs, stages, cheated } = await module.runRace(nodes, firstSeed + run, gapMs);
    const stage = [...new Set(stages)].map((one) => `${stages.filter((other) => other === one).length} ${one}`).join(', ');
    console.log(`rival after ${seconds(gapMs)} s: ${sides} side(s), agreed after ${seconds(agreeMs)} s; ${stage}; cheated ${cheated}`);
  }
}

/** What has a target. @param {ReadonlyMap<import('./consensus.ts').Group, Row>} groups */
function figuresOf(groups) {
  const [honest, race, edge, hostile] = /** @type {const} */ (['honest', 'race', 'edge', 'hostile']).map((name) => groups.get(name));
  return {
    'consensus.race.oneSideShare': race?.oneSide.share,
    'consensus.race.agreeMs.p50': race?.agreeMs.p50,
    'consensus.race.agreeMs.p99': race?.agreeMs.p99,
    'consensus.edge.oneSideShare': edge?.oneSide.share,
    'consensus.cheatedPayees': (race?.cheatedPayees ?? 0) + (edge?.cheatedPayees ?? 0),
    'consensus.hostile30.oneSideShare': hostile?.oneSide.share,
    'consensus.hostile30.cheatedPayees': hostile?.cheatedPayees,
    'consensus.honest.confirmedIn20s': honest?.confirmedIn20s,
  };
}

await main(async () => {
  const [what, ...options] = process.argv.slice(2);
  /** @param {string} name @param {string} otherwise */
  const option = (name, otherwise) => options.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
  const json = options.includes('--json');
  await setUp();
  if (what === 'consensus' || what === 'model') {
    const figures = await simulateConsensus(option, json, what === 'model');
    const late = what === 'consensus' ? await simulateLate(option, json) : {};
    if (json) console.log(JSON.stringify({ ...figures, ...late }, null, 1));
  } else if (what === 'network') await simulateNetwork(option, json);
  else if (what === 'flood') await simulateFloods(Number(option('nodes', '20')), Number(option('seed', '1')));
  else if (what === 'race') await simulateRaces(Number(option('nodes', '20')), Number(option('runs', '5')), Number(option('seed', '1')));
  else throw new SetupError('What is to be simulated? npm run simulate -- consensus, model, network, flood or race');
});
