/** A button that opens the system's file chooser. */
import { useRef } from 'preact/hooks';
import { Button } from './button.tsx';

interface FileButtonProps {
  readonly label: string;
  /** What the chooser offers, as in the `accept` attribute. */
  readonly accept: string;
  /** Several may be chosen. */
  readonly multiple?: boolean;
  /** Called for each chosen file. */
  readonly onFile: (file: File) => void;
}

/** Asks for files. */
export function FileButton({ label, accept, multiple = false, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        hidden
        aria-label={label}
        onChange={(event) => {
          for (const file of event.currentTarget.files ?? []) onFile(file);
          // The same file chosen again is a change too.
          event.currentTarget.value = '';
        }}
      />
      <Button onClick={() => input.current?.click()}>{label}</Button>
    </>
  );
}
