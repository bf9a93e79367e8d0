/** The file of tokens on disk: for its owner alone, and replaced as a whole. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { keepOwner, modeText, OTHERS, OTHERS_WRITE, OWNER_FILE } from '../../node/file-mode.ts';
import type { Token } from './token.ts';
import { formatTokens, parseTokens } from './token-format.ts';

/** @throws Error with a sentence: there is none, others may read or change it, or it is damaged */
export function readTokenFile(path: string): readonly Token[] {
  const text = textOf(path);
  if (text === null) {
    throw new Error(
      `there is no token file at ${path}: make one with statecraft token create --tokens ` +
        `${path} --name admin --role admin`,
    );
  }
  return tokensIn(path, text);
}

/**
 * Replaces the file by what `change` makes of its tokens; one that is not there is made.
 * @throws Error with a sentence, and then the file is as it was
 */
export function changeTokenFile(
  path: string,
  change: (tokens: readonly Token[]) => readonly Token[],
): void {
  const partial = `${path}.partial`;
  const file = claim(path, partial);
  try {
    const text = textOf(path);
    const tokens = change(text === null ? [] : tokensIn(path, text));
    writeFileSync(file, formatTokens(tokens));
    fsyncSync(file);
    keepOwner(partial, path);
    renameSync(partial, path);
  } catch (error) {
    unlinkSync(partial);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The new file is claimed before the old one is read, so that no change gets lost in another. */
function claim(path: string, partial: string): number {
  try {
    return openSync(partial, 'wx', OWNER_FILE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'EEXIST'
        ? `${path} is being changed by another command; if none runs, remove ${partial}`
        : `${partial} cannot be written: ${code}`,
    );
  }
}

/** Null when there is none. */
function textOf(path: string): string | null {
  try {
    const { mode, uid } = statSync(path);
    // Of a file that is another user's, that user has decided who may read it; not who may add tokens.
    const kept = uid === process.getuid?.() ? OTHERS : OTHERS_WRITE;
    if ((mode & kept) !== 0) {
      throw new Error(
        `${path} may be read or changed by others (mode ${modeText(mode)}): chmod 600 ${path}`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw code === undefined ? error : new Error(`${path} cannot be read: ${code}`);
  }
}

function tokensIn(path: string, text: string): readonly Token[] {
  try {
    return parseTokens(text);
  } catch (error) {
    throw new Error(`${path} ${error instanceof Error ? error.message : String(error)}`);
  }
}
