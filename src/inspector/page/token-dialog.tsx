/** Asks for the token without which the servers tell nothing. */
import { setting } from '../../pages/controls.tsx';
import { Dialog } from '../../pages/dialog.tsx';
import type { PageSockets } from './page-sockets.ts';
import type { OfInspector } from './store.ts';

interface TokenDialogProps extends OfInspector {
  readonly sockets: PageSockets;
}

export function TokenDialog({ store: { denial, asksToken }, sockets }: TokenDialogProps) {
  if (denial.value === null || !asksToken.value) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = String(new FormData(event.target as HTMLFormElement).get('token')).trim();
    if (token !== '') sockets.useToken(token);
  };
  return (
    <Dialog title="This cluster requires a token" onClose={setting(asksToken, false)}>
      <form class="token" onSubmit={submit}>
        <p role="alert">{denial.value}</p>
        <label>
          Admin token
          <input
            name="token"
            class="field number"
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            autofocus
          />
        </label>
        <p class="soft">
          It is the one word that <code>statecraft token create --role admin</code> has printed. It
          is sent to the servers of this cluster only, and is forgotten when this tab is closed.
        </p>
        <button type="submit" class="button is-primary">
          Look inside
        </button>
      </form>
    </Dialog>
  );
}
