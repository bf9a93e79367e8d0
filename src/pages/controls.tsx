/** What both pages are made of: buttons, fields, names with values, notices; see `controls.css`. */
import type { Signal } from '@preact/signals';
import type { ComponentChild, ComponentChildren, ComponentProps } from 'preact';
import { useMemo } from 'preact/hooks';

/** The names of classes that hold. */
export function classes(...names: readonly (string | false | null)[]): string {
  return names.filter(Boolean).join(' ');
}

/** Of a field or of tabs that show the signal's value, and set it. */
export function bound<Value>(signal: Signal<Value>) {
  return {
    value: signal.value,
    onChoose: (value: Value) => {
      signal.value = value;
    },
  };
}

export function setting<Value>(signal: Signal<Value>, value: Value): () => void {
  return () => {
    signal.value = value;
  };
}

/** A button that submits nothing, in the looks of `controls.css`. */
export function Button({ class: look = '', ...rest }: ComponentProps<'button'>) {
  return <button type="button" class={`button ${look}`} {...rest} />;
}

interface FieldProps<Value> {
  /** Absent where a label stands beside it. */
  readonly label?: string;
  readonly class?: string;
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}

interface SelectProps<Value extends string> extends FieldProps<Value> {
  readonly options: readonly (readonly [value: Value, text: string])[];
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, class: look = '', value, options, onChoose } = props;
  return (
    <select
      class={`field ${look}`}
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => onChoose(currentTarget.value as Value)}
    >
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface TextFieldProps extends FieldProps<string> {
  readonly id?: string;
  readonly type?: 'text' | 'search';
  readonly inputMode?: 'numeric';
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly isInvalid?: boolean;
}

export function TextField(props: TextFieldProps) {
  const { label, class: look = '', isInvalid, onChoose, ...rest } = props;
  return (
    <input
      class={`field ${look}`}
      aria-label={label}
      aria-invalid={isInvalid}
      {...(rest as ComponentProps<'input'>)}
      onInput={({ currentTarget }) => onChoose(currentTarget.value)}
    />
  );
}

interface LabelledProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A field with its name beside it. */
export function Labelled({ label, children }: LabelledProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children.
    <label class="choice">
      <span class="label">{label}</span>
      {children}
    </label>
  );
}

interface CheckboxProps extends FieldProps<boolean> {
  readonly children: ComponentChildren;
}

export function Checkbox({ value, onChoose, children }: CheckboxProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value}
        onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
      />
      {children}
    </label>
  );
}

interface FactsProps {
  readonly class: string;
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}

/** Names and values, one below the other. */
export function Facts({ class: look, facts }: FactsProps) {
  return (
    <dl class={look}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface NoticeProps {
  /** `is-bad` for what went wrong. */
  readonly class?: string;
  /** By what their buttons say; the first matters most. */
  readonly actions?: Readonly<Record<string, () => void>>;
  readonly children: ComponentChildren;
}

/** A word of the page about itself, with what can be done about it. */
export function Notice({ class: look = '', actions = {}, children }: NoticeProps) {
  return (
    <p class={`notice ${look}`}>
      <span>{children}</span>
      {Object.entries(actions).map(([name, run]) => (
        <Button key={name} class="is-small" onClick={run}>
          {name}
        </Button>
      ))}
    </p>
  );
}

interface MemoProps {
  /** What it depends on: always as many, in the same order. */
  readonly on: readonly unknown[];
  readonly children: () => ComponentChild;
}

/** A part of a page that is drawn again only when something that it depends on has changed. */
export function Memo({ on, children }: MemoProps) {
  return <>{useMemo(children, [...on])}</>;
}
