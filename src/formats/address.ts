/** Whether an address can work, by one rule for everybody: peers, clients, flags and options. */

interface AddressRule {
  /** What it may begin with: `['ws', 'wss']`. */
  readonly schemes: readonly string[];
  /** Whether the scheme's own port will do. For WebSockets it would be 80, which nobody means. */
  readonly hasDefaultPort: boolean;
}

/** Where servers reach each other. */
export const PEER_ADDRESS: AddressRule = { schemes: ['ws', 'wss'], hasDefaultPort: false };
/** Where clients reach a server. */
export const CLIENT_ADDRESS: AddressRule = { schemes: ['http', 'https'], hasDefaultPort: true };

/** Every interface of a machine; `node:net` writes these, and `URL` writes other spellings like them. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::ffff:0:0']);
const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is;

/** An address that listens on every interface is nothing that could be asked. */
export function isWildcard(host: string): boolean {
  return EVERYWHERE.has(host.replace(/^\[(.*)\]$/, '$1'));
}

/** @returns null, or why it cannot work, to stand behind the address in a sentence */
export function whyNotAddress(
  text: string,
  { schemes, hasDefaultPort }: AddressRule,
): string | null {
  const form = `write ${schemes.map((scheme) => `${scheme}://host:port`).join(' or ')}`;
  if (/[\s\p{Cc}]/u.test(text)) return `has a space in it: ${form}`;
  const [, scheme = '', authority = '', rest = ''] = PARTS.exec(text) ?? [];
  if (!schemes.includes(scheme.toLowerCase())) {
    return `does not begin with ${schemes.map((known) => `${known}://`).join(' or ')}: ${form}`;
  }
  if (rest !== '' && rest !== '/') return `continues after the port: leave out "${rest}"`;
  if (authority.includes('@')) {
    return 'names a user, but there is no login: leave out what is before the @';
  }
  if (/%/.test(authority)) {
    return (
      'has a % in it: an IPv6 address with a zone is valid on one machine only, and ' +
      'names have none, so write another address of it'
    );
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') return `is not valid: ${form}`;
  if (isWildcard(url.hostname)) {
    return `names every address of a machine, to which nobody can connect: write the one where it is reached`;
  }
  if (url.port === '0')
    return 'has port 0, to which nobody can connect: write the port where it listens';
  if (!hasDefaultPort && !/:\d+$/.test(authority)) return `has no port: ${form}`;
  return null;
}
