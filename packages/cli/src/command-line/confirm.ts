import { AppError } from '@smart-vault/core';
import type { CommandContext } from './context.ts';

/**
 * Whether the person agrees to what was just shown: asked, or answered by `--yes`.
 * @throws AppError `INVALID` when nobody can be asked and there is no `--yes`.
 */
export async function isConfirmed(context: CommandContext, question: string): Promise<boolean> {
  if (context.yes) return true;
  if (!context.terminal.canAsk) {
    throw new AppError(
      'INVALID',
      'nobody can be asked, as there is no terminal: nothing was done; add --yes to go on',
    );
  }
  return context.terminal.confirm(question);
}
