/** A value as a tree to read: branches open and close, what has changed is marked. */
import './value-tree.css';
import { useSignal } from '@preact/signals';
import { isTree, pointerTo } from '../changes.ts';

/** More than this of one branch is not drawn: it says how many there are. */
const CHILDREN_MAX = 200;

interface BranchProps {
  readonly value: unknown;
  /** Paths of what has changed; see `changedPaths`. */
  readonly changed?: ReadonlySet<string>;
  /** How many levels are open at first. */
  readonly depth: number;
  readonly path?: string;
}

interface TreeProps extends BranchProps {
  readonly label: string;
}

export function ValueTree({ label, ...root }: TreeProps) {
  if (!isTree(root.value)) return leafOf(root.value);
  return (
    <ul class="tree" aria-label={label}>
      <Children {...root} />
    </ul>
  );
}

function Children({ value, path = '', ...rest }: BranchProps) {
  const entries = Object.entries(value ?? {});
  const hidden = entries.length - CHILDREN_MAX;
  return (
    <>
      {entries.slice(0, CHILDREN_MAX).map(([key, child]) => (
        <Branch key={key} name={key} value={child} path={pointerTo(path, key)} {...rest} />
      ))}
      {hidden > 0 && <li class="soft">and {hidden.toLocaleString('en')} more</li>}
    </>
  );
}

function Branch({ name, ...branch }: BranchProps & { readonly name: string }) {
  const { value, changed, depth, path = '' } = branch;
  const isOpen = useSignal(depth > 0);
  const isChanged = changed?.has(path) ?? false;
  const mark = isChanged && <span class="visually-hidden"> (changed)</span>;
  const look = isChanged ? 'is-changed' : '';
  if (!isTree(value) || Object.keys(value).length === 0) {
    return (
      <li class={`leaf ${look}`}>
        <span class="tree-key">{name}</span>
        {mark} {leafOf(value)}
      </li>
    );
  }
  const toggle = () => {
    isOpen.value = !isOpen.value;
  };
  return (
    <li class={look}>
      <button type="button" aria-expanded={isOpen.value} onClick={toggle}>
        <span class="tree-key">{name}</span>
        {mark} {!isOpen.value && <span class="soft">{summaryOf(value)}</span>}
      </button>
      {isOpen.value && (
        <ul>
          <Children {...branch} depth={depth - 1} />
        </ul>
      )}
    </li>
  );
}

function leafOf(value: unknown) {
  if (typeof value === 'string') return <span class="tree-text">{value || '""'}</span>;
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
