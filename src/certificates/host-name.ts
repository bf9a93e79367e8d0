/** Where a certificate says that its holder is reached: a DNS name or an IP address. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export interface AlternativeName {
  readonly type: 'dns' | 'ip' | 'url';
  readonly value: string;
}

const NAME_MAX = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Null when it is neither. An IPv6 address may be in brackets; `*.` stands for one label. */
export function hostName(text: string): AlternativeName | null {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  // A zone (`fe80::1%eth0`) means something on one machine only.
  if (isIP(address) !== 0 && !address.includes('%')) return { type: 'ip', value: address };
  const [, wildcard = '', rest = ''] = /^(\*\.)?(.*)$/s.exec(text) ?? [];
  const labels = domainToASCII(rest).split('.');
  const name = wildcard + labels.join('.');
  const isName =
    /^[^:/?#@%\s\\]+$/.test(rest) &&
    name.length <= NAME_MAX &&
    labels.every((label) => LABEL.test(label)) &&
    // A name that ends in a number is a misspelt address.
    !/^\d+$/.test(labels.at(-1) ?? '');
  return isName ? { type: 'dns', value: name } : null;
}
