/** Every command and every option, as its help describes it: complete, and true. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { FOOTER } from '../../src/cli/help.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Command, Option } from '../../src/vendor/commander.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

const commands = everyCommand(await createProgram()).map(
  (command) => [pathOf(command), command] as const,
);
const options = commands.flatMap(([path, command]) =>
  command.options
    .filter(({ long }) => long !== '--version')
    .map((option) => [`${path} ${option.long}`, option] as const),
);

/** A program in which nothing happens but that its words are read; what was read. */
async function parse(words: readonly string[]): Promise<Record<string, unknown>> {
  const program = await createProgram();
  let read: Record<string, unknown> | null = null;
  for (const command of everyCommand(program)) {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
    if (command.commands.length === 0) {
      command.action(() => {
        read = command.opts();
      });
    }
  }
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await program.parseAsync([...words], { from: 'user' });
  if (read === null) throw new Error(`no command was found in: ${words.join(' ')}`);
  return read;
}

function helpOf(command: Command): string {
  let help = '';
  const writeOut = (text: string) => {
    help += text;
  };
  command.configureOutput({ writeOut });
  command.outputHelp();
  return help;
}

describe.each(commands)('%s', (path, command) => {
  it('says what it does, in sentences', () => {
    expect(command.description()).toMatch(/^[A-Z].{10,}\.$/s);
  });

  it('describes each of its arguments', () => {
    for (const { description } of command.registeredArguments) expect(description).toMatch(/\w{4}/);
  });

  it('shows in its help how commands end, and where values may stand', () => {
    const help = helpOf(command);
    expect(help).toContain(FOOTER);
    for (const [name, code] of Object.entries(EXIT)) {
      if (name !== 'interrupted') expect(help).toMatch(new RegExp(`^  ${code}  \\w`, 'm'));
    }
  });

  it('has examples that parse', async () => {
    const [, examples = ''] = helpOf(command).split(/\nExamples:\n|\nExit codes:\n/);
    const lines = wholeLines(examples).flatMap(commandsOf);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.some(({ words }) => ['statecraft', ...words].join(' ').startsWith(path))).toBe(
      true,
    );
    for (const { words, variables } of lines) {
      vi.unstubAllEnvs();
      for (const [name, value] of variables) vi.stubEnv(name, value);
      const end = parse(words);
      if (words.includes('--help')) await expect(end).rejects.toMatchObject({ exitCode: 0 });
      else await end;
    }
  });
});

describe.each(options)('%s', (path, option) => {
  it('has a description that stands alone', () => {
    expect(option.description).toMatch(/\w+ \w+/);
    expect(option.description).not.toMatch(/\.$/);
  });

  it('has a variable, and one only', () => {
    const name = `STATECRAFT_${option.long?.slice(2).replaceAll('-', '_').toUpperCase()}`;
    // What is to be deleted is never taken from what somebody has forgotten.
    expect(option.envVar).toBe(path === 'statecraft delete --prefix' ? undefined : name);
  });

  it('shows a default in its own unit', () => {
    const shown = option.defaultValueDescription ?? option.defaultValue;
    if (shown === undefined || shown === false || String(shown) === '') return;
    if (option.flags.includes('<duration>')) expect(shown).toMatch(/^\d+(?:ms|s|m)$/);
    if (option.flags.includes('<size>')) expect(shown).toMatch(/^\d+(?:KiB|MiB|GiB)$/);
    expect(parsedBy(option, String(shown))).toEqual(option.defaultValue);
  });
});

/** What the option makes of a text. */
function parsedBy(option: Option, text: string): unknown {
  // What stands for leaving it out.
  if (text === 'never') return null;
  if (option.isBoolean()) return text === 'true';
  return option.parseArg === undefined ? text : option.parseArg(text, undefined as never);
}

/** Those that go on behind a backslash, in one. */
function wholeLines(text: string): readonly string[] {
  return text.replaceAll('\\\n', ' ').split('\n');
}

interface Typed {
  readonly words: readonly string[];
  readonly variables: readonly (readonly [string, string])[];
}

/** As a shell would: without remarks, redirections and what does not begin with our name. */
function commandsOf(line: string): readonly Typed[] {
  return line
    .replace(/\s#.*$/, '')
    .split(' | ')
    .map((part) => part.replace(/\s[<>]\s\S+/g, '').trim())
    .flatMap((part) => {
      const words = [...part.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, bare = '']) => quoted ?? bare,
      );
      const at = words.indexOf('statecraft');
      const before = words.slice(0, at).map((word) => word.split(/=(.*)/s));
      if (at < 0 || !before.every(([name]) => /^STATECRAFT_\w+$/.test(name ?? ''))) return [];
      const variables = before.map(([name = '', value = '']) => [name, value] as const);
      return [{ words: words.slice(at + 1), variables }];
    });
}

describe('a variable', () => {
  it('counts where no flag is given, and a flag wins over it', async () => {
    vi.stubEnv('STATECRAFT_TIMEOUT', '9s');
    expect(await parse(['get', 'k'])).toMatchObject({ timeout: 9_000 });
    expect(await parse(['get', 'k', '--timeout', '7s'])).toMatchObject({ timeout: 7_000 });
  });

  it('that is empty counts as not set', async () => {
    vi.stubEnv('STATECRAFT_TIMEOUT', '');
    expect(await parse(['get', 'k'])).toMatchObject({ timeout: 5_000 });
  });

  it.each([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['', false],
  ])('of a flag without a value may be "%s"', async (text, value) => {
    vi.stubEnv('STATECRAFT_KEEP_RUNNING', text);
    vi.stubEnv('STATECRAFT_NO_RESTART', text);
    expect(await parse(['cluster'])).toMatchObject({ keepRunning: value, restart: !value });
  });

  it('of several values has commas between them, and any flag replaces all', async () => {
    vi.stubEnv('STATECRAFT_ALLOW_HOST', 'one.example,two.example');
    expect(await parse(['cluster'])).toMatchObject({ allowHost: ['one.example', 'two.example'] });
    expect(await parse(['cluster', '--allow-host', 'three.example'])).toMatchObject({
      allowHost: ['three.example'],
    });
  });

  it('that cannot be is named', async () => {
    vi.stubEnv('STATECRAFT_TIMEOUT', 'soon');
    await expect(parse(['get', 'k'])).rejects.toThrow(/'soon' from env 'STATECRAFT_TIMEOUT'/);
    vi.stubEnv('STATECRAFT_INSPECT', 'perhaps');
    await expect(parse(['cluster'])).rejects.toThrow(
      /^STATECRAFT_INSPECT is "perhaps": write true/,
    );
  });

  it('of another command does not matter', async () => {
    vi.stubEnv('STATECRAFT_INSPECT', 'perhaps');
    vi.stubEnv('STATECRAFT_SERVERS', 'many');
    expect(await parse(['get', 'k'])).toMatchObject({ timeout: 5_000 });
  });

  it('that Kubernetes gives for a Service called statecraft is none of ours', async () => {
    vi.stubEnv('STATECRAFT_PORT', 'tcp://10.0.0.1:7101');
    vi.stubEnv('STATECRAFT_SERVICE_HOST', '10.0.0.1');
    vi.stubEnv('STATECRAFT_PORT_7101_TCP_ADDR', '10.0.0.1');
    expect(await parse(['playground'])).toMatchObject({ port: 7300 });
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await parse(['cluster']);
    expect(stderr).not.toHaveBeenCalled();
  });

  it('that no flag has is named by those commands that run for long, once', async () => {
    vi.stubEnv('STATECRAFT_TIMEOT', '9s');
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await parse(['get', 'k']);
    expect(stderr).not.toHaveBeenCalled();
    await parse(['cluster']);
    expect(stderr.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^statecraft: STATECRAFT_TIMEOT is ignored: no flag uses this variable/,
        ),
      ],
    ]);
    stderr.mockClear();
    await parse(['cluster', '--log-format', 'json']);
    expect(JSON.parse(String(stderr.mock.lastCall?.[0]))).toMatchObject({
      level: 'warn',
      event: 'unknown_variable',
      message: expect.stringContaining('STATECRAFT_TIMEOT'),
    });
  });
});

describe('addresses of servers', () => {
  it.each(['foo', '127.0.0.1', 'foo:', 'ftp://foo:1', 'foo:99999', ' , '])(
    'cannot be "%s", which is wrong usage',
    async (text) => {
      await expect(parse(['get', 'k', '--endpoints', text])).rejects.toMatchObject({
        code: 'commander.invalidArgument',
      });
    },
  );

  it.each(['127.0.0.1:7101', '[::1]:7101', 'http://db.example', 'https://db.example:8443'])(
    'may be %s',
    async (text) => {
      expect(await parse(['get', 'k', '--endpoints', text])).toMatchObject({ endpoints: [text] });
    },
  );
});

describe('the version', () => {
  it.each(['-v', '--version', 'version'])('is printed by %s', async (word) => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const program = await createProgram();
    await program.parseAsync([word], { from: 'user' }).catch((error: unknown) => {
      expect(error).toMatchObject({ exitCode: 0 });
    });
    expect(stdout.mock.calls.join('')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
