/** Showing the 12 words, with care. */
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';

const UP = { to: { kind: 'settings' }, label: 'Settings' } as const;

/** `#/settings/words` */
export function WordsScreen() {
  const { client } = useApp();
  const [words, setWords] = useState<readonly string[] | undefined>(undefined);
  const show = useAction(async () => setWords(await client.api.loadWords()));
  useEffect(() => {
    // Nobody should find them on the screen of an app left open in the background.
    const hide = () => document.hidden && setWords(undefined);
    document.addEventListener('visibilitychange', hide);
    return () => document.removeEventListener('visibilitychange', hide);
  }, []);
  if (words === undefined) {
    return (
      <Screen title="Your 12 words" up={UP}>
        <p class="lead">
          These words are your wallet. With them you get back to your money on any device; without them nobody can help you.
        </p>
        <Notice tone="caution" title="Before you look">
          <ul>
            <li>Have pen and paper ready. Do not take a picture, and do not store them online.</li>
            <li>Make sure that nobody is looking, and that no one can see your screen.</li>
            <li>Whoever knows the words can take everything. Nobody honest will ever ask you for them.</li>
          </ul>
        </Notice>
        {show.failure !== undefined && <ErrorNotice error={show.failure} />}
        <Button tone="primary" wide icon="key" busy={show.busy} onClick={show.run}>
          Show the words
        </Button>
      </Screen>
    );
  }
  return (
    <Screen title="Your 12 words" up={UP}>
      <p class="lead">Write them down in this order.</p>
      <ol class="words" aria-label="Your 12 words">
        {words.map((word, position) => (
          <li key={`${position}${word}`}>{word}</li>
        ))}
      </ol>
      <div class="row">
        <LinkButton to={{ kind: 'words-check' }} tone="primary">
          I have written them down
        </LinkButton>
        <Button onClick={() => setWords(undefined)}>Hide</Button>
      </div>
    </Screen>
  );
}
