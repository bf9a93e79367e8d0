/** Who may ask at the client port, and to whom a client shows its token. */
import type { MustSection } from '../must.ts';

export const whoMayAsk: MustSection = {
  title: 'Who may ask at the client port',
  musts: [
    {
      must: 'Every request from a page of another site is refused.',
      file: 'src/service/sites.ts',
      find: 'return mayAsk(origin, request, sites) ? null : foreign(`pages from ${origin}`);',
      replace: 'return null;',
      test: 'test/contracts/cross-site.test.ts',
    },
    {
      must: 'A token is checked before the body is read and before the redirect.',
      file: 'src/service/admission.ts',
      find: 'context.access.assertAllowed(request);',
      replace: '',
      test: 'test/contracts/access.test.ts',
    },
    {
      must: 'A route that does not mention tokens requires one.',
      file: 'src/service/access.ts',
      find: "?? 'any';",
      replace: "?? 'nothing';",
      test: 'test/contracts/access.test.ts',
    },
    {
      must: 'A token for some keys permits no others.',
      file: 'src/service/access.ts',
      find: "if (need === 'key') assertKey(token, keyOf(raw));",
      replace: '',
      test: 'test/contracts/access.test.ts',
    },
    {
      must: '… and lists no others.',
      file: 'src/service/access.ts',
      find: "if (need === 'list') assertList(token, queryParametersOf(raw, LIST_PARAMETERS).prefix ?? '');",
      replace: '',
      test: 'test/contracts/access.test.ts',
    },
    {
      must: 'The id of a token is not its secret: only the whole secret counts.',
      file: 'src/service/tokens/tokens.ts',
      find: 'if (!isRight || known === undefined)',
      replace: 'if (known === undefined)',
      test: 'test/contracts/tokens.test.ts',
    },
    {
      must: 'A session belongs to the token that opened it.',
      file: 'src/service/session-owner.ts',
      find: "if (owner !== '' && owner !== token.name) {",
      replace: "if (owner === '-') {",
      test: 'test/contracts/session-owners.test.ts',
    },
    {
      must: 'A connection ends with the token that was shown on it.',
      file: 'src/service/token-connections.ts',
      find: 'if (now === null || !includesRole(now.role, role)) connection.destroy();',
      replace: 'if (now === null && role === null) connection.destroy();',
      test: 'test/contracts/tokens.test.ts',
    },
    {
      must: 'Where client certificates are required, every connection shows one.',
      file: 'src/service/secure.ts',
      find: 'if (socket.authorized && isShown && !socket.isSessionReused()) return go();',
      replace: 'if (socket.authorized || isShown) return go();',
      test: 'test/contracts/service-tls.test.ts',
    },
    {
      must: 'A client sends its token only to members of the cluster.',
      file: 'src/client/servers.ts',
      find: 'if (source === undefined || (known.get(originOf(to)) ?? 0) > clock.now()) return null;',
      replace: 'if (to !== from) return null;',
      test: 'test/contracts/client-tokens.test.ts',
    },
    {
      must: '… and follows no redirect from TLS to plain HTTP.',
      file: 'src/client/servers.ts',
      find: "if (from.startsWith('https:') && !to.startsWith('https:')) {",
      replace: "if (from.startsWith('https:') && to === from) {",
      test: 'test/contracts/client-tokens.test.ts',
    },
    {
      must: 'Beyond loopback, a server identifies its clients, or was told that it need not.',
      file: 'src/cli/client-port-options.ts',
      find: 'if (isLoopback(address.host)) return [];',
      replace: 'return [];',
      test: 'test/contracts/client-port.test.ts',
    },
    {
      must: 'On a server with tokens, the inspector is for administrators only.',
      file: 'src/inspector/socket.ts',
      find: 'if (denial === null) this.#admit(webSocket);',
      replace: 'if (denial?.code !== 0) this.#admit(webSocket);',
      test: 'test/inspector/socket-tokens.test.ts',
    },
  ],
};
