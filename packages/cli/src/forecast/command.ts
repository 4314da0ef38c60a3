import { AppError, type Region } from '@smart-vault/core';
import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { withProgress } from '../terminal/terminal.ts';
import { gatherInputs } from './inputs.ts';
import { addForecastOptions, type ForecastOptions } from './options.ts';
import { renderForecast } from './render.ts';
import { forecastReport } from './report.ts';

/** `forecast`: times, quotas and cost of a fleet before they are met. */
export function addForecastCommand(program: Command, registration: Registration): void {
  addCommand<ForecastOptions>(
    program,
    {
      usage: 'forecast',
      description: 'how long a run takes, whether copies end before the next slot, and what a month costs',
      examples: [
        'forecast',
        'forecast --schedule "cron(0 * * * ? *)" --changed-per-day 5%',
        'forecast --copy-seconds 600 --json',
        'forecast --fleet instances.json --volumes volumes.json',
      ],
      notes:
        'One run of the real functions over the fleet on a simulated AWS, in virtual time. Nothing is changed, and AWS is\n' +
        'only asked for the fleet and the settings; with --fleet it is not asked at all, and settings are those of cdk.json:\n' +
        '  aws ec2 describe-instances > instances.json\n' +
        '  aws ec2 describe-volumes > volumes.json\n' +
        'Exit status: 0 feasible, 1 not feasible, 2 no answer.',
      configure: addForecastOptions,
      // A placeholder: the settings name the source region unless --region does.
      offlineRegion: ({ fleet, volumes, settings }) =>
        [fleet, volumes, settings].every((file) => file === undefined) ? undefined : ('us-east-1' as Region),
      run: showForecast,
    },
    registration,
  );
}

async function showForecast(context: CommandContext, options: ForecastOptions): Promise<ExitStatus> {
  const { gathered, result } = await withProgress(context.terminal, 'reading the fleet', async (progress) => {
    const inputs = await gatherInputs(context, options);
    const made = await inputs.forecast({
      ...inputs.input,
      progress: (text) => {
        if (context.signal.aborted) throw new DOMException('interrupted', 'AbortError');
        progress.update(text);
      },
    });
    return { gathered: inputs, result: made };
  });
  if (result.selection.volumes.length === 0) {
    throw new AppError(
      'INVALID',
      `nothing is selected in ${gathered.fleetFrom}, so there is nothing to forecast: tag instances that have volumes with backup=true`,
    );
  }
  const report = forecastReport(gathered, result);
  context.print(report, () => renderForecast(report, context));
  return report.feasible ? EXIT.done : EXIT.attention;
}
