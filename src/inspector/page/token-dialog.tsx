/** Asks for the token without which the servers tell nothing. */
import { useEffect, useRef } from 'preact/hooks';
import { Dialog } from '../../pages/dialog.tsx';

export function TokenDialog({
  denial,
  onToken,
  onClose,
}: {
  readonly denial: string;
  readonly onToken: (token: string) => void;
  readonly onClose: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  // Behind the dialog's own choice, which is its first button.
  useEffect(() => field.current?.focus(), []);
  return (
    <Dialog title="This cluster wants a token" onClose={onClose}>
      <form
        class="token"
        onSubmit={(event) => {
          event.preventDefault();
          const token = field.current?.value.trim() ?? '';
          if (token !== '') onToken(token);
        }}
      >
        <p role="alert">{denial}</p>
        <label>
          Admin token
          <input
            ref={field}
            class="field number"
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
          />
        </label>
        <p class="soft">
          It is the one word that <code>statecraft token create --role admin</code> has printed. It
          is shown to the servers of this cluster only, and this tab forgets it when it is closed.
        </p>
        <button type="submit" class="button is-primary">
          Look inside
        </button>
      </form>
    </Dialog>
  );
}
