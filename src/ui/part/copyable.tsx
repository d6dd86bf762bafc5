/** Texts to be copied, and what is said about it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { copyText } from '../../client/clipboard.ts';
import { canShare, shareLink } from '../../client/share.ts';
import { announce } from '../context.ts';
import { addressGroups } from '../format.ts';
import { Button, type ButtonTone } from './button.tsx';

const SHOWN_MS = 2_500;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied: “address”, “link”. */
  readonly what: string;
  readonly tone?: ButtonTone;
  /** Called when the clipboard is denied, to select the text instead. */
  readonly onDenied: () => void;
}

function CopyButton({ text, what, tone = 'secondary', onDenied }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) {
      setCopied(true);
      announce(`Copied the ${what}.`, { seen: false });
      return;
    }
    onDenied();
    announce('This browser does not let the app copy. The text is selected: copy it yourself.', { seen: false });
  };
  return (
    <Button tone={tone} icon={copied ? 'check' : 'copy'} onClick={copy}>
      {copied ? 'Copied' : `Copy ${what}`}
    </Button>
  );
}

interface CopyableProps {
  readonly text: string;
  readonly what: string;
  readonly tone?: ButtonTone;
  /** Shown in groups of four. */
  readonly grouped?: boolean;
  /** Shows only the button until copying is denied. */
  readonly folded?: boolean;
  /** Also offers the share sheet with this title, where there is one. */
  readonly share?: string;
}

/** A long text, a button that copies it, and a way out when copying is denied. */
export function Copyable({ text, what, tone, grouped = false, folded = false, share }: CopyableProps) {
  const box = useRef<HTMLElement>(null);
  const [open, setOpen] = useState(!folded);
  const [denied, setDenied] = useState<{ readonly way: 'Copying' | 'Sharing' } | undefined>(undefined);
  useEffect(() => {
    if (denied !== undefined && box.current !== null) window.getSelection()?.selectAllChildren(box.current);
  }, [denied]);
  const reveal = (way: 'Copying' | 'Sharing') => {
    setOpen(true);
    setDenied({ way });
  };
  const shareIt = async () => {
    if (share !== undefined && (await shareLink(share, text)) === 'refused') reveal('Sharing');
  };
  return (
    <div class="copyable">
      {open && (
        // A long one scrolls, and must do so with the keyboard too.
        <code class="long" ref={box} tabIndex={grouped ? undefined : 0}>
          {grouped ? addressGroups(text).map((group, index) => <span key={`${index}${group}`}>{group}</span>) : text}
        </code>
      )}
      {denied !== undefined && (
        <p class="hint">{denied.way} is not allowed here. The text is selected: press Ctrl + C, or hold it and choose Copy.</p>
      )}
      <div class="row">
        {share !== undefined && canShare() && (
          <Button tone={tone ?? 'secondary'} icon="share" onClick={shareIt}>
            Share
          </Button>
        )}
        <CopyButton
          text={text}
          what={what}
          {...(share !== undefined && canShare() ? {} : { tone: tone ?? 'secondary' })}
          onDenied={() => reveal('Copying')}
        />
      </div>
    </div>
  );
}

/** An address in full, in groups for comparing; selecting or copying gives it without gaps. */
export function FullAddress({ address }: { readonly address: string }) {
  return (
    <code class="long">
      {addressGroups(address).map((group, index) => (
        <span key={`${index}${group}`}>{group}</span>
      ))}
    </code>
  );
}
