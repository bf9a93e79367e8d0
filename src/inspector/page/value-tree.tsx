/** A value as a tree to read: branches open and close, what has changed is marked. */
import './value-tree.css';
import { useState } from 'preact/hooks';
import { isTree, pointerTo } from '../changes.ts';

/** More than this of one branch is not drawn: it says how many there are. */
const CHILDREN_MAX = 200;

interface TreeProps {
  readonly value: unknown;
  readonly label: string;
  /** Paths of what has changed; see `changedPaths`. */
  readonly changed?: ReadonlySet<string>;
  /** How deep it is open until somebody opens or closes a branch. */
  readonly depth?: number;
}

export function ValueTree({ value, label, changed = NONE, depth = 1 }: TreeProps) {
  if (!isTree(value)) return <Leaf value={value} />;
  return (
    <ul class="tree" aria-label={label}>
      <Children value={value} path="" changed={changed} depth={depth} />
    </ul>
  );
}

const NONE: ReadonlySet<string> = new Set();

interface ChildrenProps {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly changed: ReadonlySet<string>;
  readonly depth: number;
}

function Children({ value, path, changed, depth }: ChildrenProps) {
  const entries = Object.entries(value);
  const rest = entries.length - CHILDREN_MAX;
  return (
    <>
      {entries.slice(0, CHILDREN_MAX).map(([key, child]) => (
        <Branch
          key={key}
          name={key}
          value={child}
          path={pointerTo(path, key)}
          changed={changed}
          depth={depth}
        />
      ))}
      {rest > 0 && <li class="soft">and {rest.toLocaleString('en')} more</li>}
    </>
  );
}

interface BranchProps {
  readonly name: string;
  readonly value: unknown;
  readonly path: string;
  readonly changed: ReadonlySet<string>;
  readonly depth: number;
}

function Branch({ name, value, path, changed, depth }: BranchProps) {
  const [isOpen, setOpen] = useState(depth > 0);
  const isChanged = changed.has(path);
  const mark = isChanged && <span class="visually-hidden"> (changed)</span>;
  const change = isChanged ? 'is-changed' : '';
  if (!isTree(value) || Object.keys(value).length === 0) {
    return (
      <li class={`leaf ${change}`}>
        <span class="tree-key">{name}</span>
        {mark} <Leaf value={value} />
      </li>
    );
  }
  return (
    <li class={change}>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="tree-key">{name}</span>
        {mark} {!isOpen && <span class="soft">{summaryOf(value)}</span>}
      </button>
      {isOpen && (
        <ul>
          <Children value={value} path={path} changed={changed} depth={depth - 1} />
        </ul>
      )}
    </li>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  if (typeof value === 'string')
    return <span class="tree-text">{value === '' ? '""' : value}</span>;
  if (isTree(value)) return <span class="soft">{Array.isArray(value) ? '[ ]' : '{ }'}</span>;
  return <span class={value === null ? 'tree-none' : 'tree-number'}>{String(value)}</span>;
}

/** What a closed branch holds, in a few words. */
function summaryOf(value: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(value)) {
    return `${value.length.toLocaleString('en')} ${value.length === 1 ? 'item' : 'items'}`;
  }
  const parts = Object.entries(value).map(([key, child]) => `${key} ${brief(child)}`);
  const text = parts.join(' · ');
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function brief(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  return isTree(value) ? '{…}' : String(value);
}
