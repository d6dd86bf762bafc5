/** Work under way. */
import type { Job } from '../../api/node.ts';
import { formatCount, formatSeconds } from '../format.ts';
import { Button } from './button.tsx';

/** A bar; without a share it only says that something goes on. */
export function Bar({ label, share }: { readonly label: string; readonly share?: number | undefined }) {
  return share === undefined ? (
    <progress class="bar" aria-label={label} />
  ) : (
    <progress class="bar" aria-label={label} max={1} value={share} />
  );
}

/** How likely it is that this many tries have sufficed: luck has no memory, so no bar of it may promise an end. */
export function chanceOfDone(job: Job): number {
  return job.expectedTries === 0 ? 0 : 1 - Math.exp(-job.tries / job.expectedTries);
}

function stageText(job: Job): string {
  switch (job.stage) {
    case 'confirming':
      return 'Waiting until your money is confirmed';
    case 'working':
      return job.steps > 1 ? `Computing, step ${job.step} of ${job.steps}` : 'Computing';
    case 'signing':
      return 'Signing and storing';
    case 'looking':
      return 'Looking for someone on this network';
    case 'fetching':
      return 'Fetching the network’s first transaction';
  }
}

function workText(job: Job, isAlone: boolean): string {
  // Alone, nothing is confirmed.
  if (job.stage === 'confirming') return isAlone ? 'Keep the app open.' : 'Usually takes up to 15 seconds. Keep the app open.';
  if (job.expectedTries === 0 || job.stage !== 'working') return '\u00a0';
  const rate = job.triesPerSec > 0 ? `Usually takes ${formatSeconds(job.expectedTries / job.triesPerSec)}. ` : '';
  return `${rate}${formatCount(job.tries)} tries so far.`;
}

interface JobProgressProps {
  readonly job: Job | undefined;
  /** What is being done, for screen readers. */
  readonly label: string;
  readonly stopping: boolean;
  /** Whether no other device is connected, and what needs one takes until there is. */
  readonly isAlone?: boolean;
  readonly onCancel: () => void;
}

/** Progress of a job, with a way to stop it. Until the node has reported the job it says that it starts. */
export function JobProgress({ job, label, stopping, isAlone = false, onCancel }: JobProgressProps) {
  const stage = job === undefined ? 'Starting' : stageText(job);
  return (
    <div class="job">
      <p class="job-stage" role="status">
        {stopping ? 'Stopping' : stage}…
      </p>
      <Bar label={label} share={job !== undefined && job.stage === 'working' && job.expectedTries > 0 ? chanceOfDone(job) : undefined} />
      <p class="hint">{job === undefined ? '\u00a0' : workText(job, isAlone)}</p>
      <Button tone="secondary" busy={stopping} onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
