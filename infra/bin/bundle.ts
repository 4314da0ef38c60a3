import { bundleFunctions } from '../lib/bundle.ts';

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1).padStart(7);

for (const report of await bundleFunctions()) {
  process.stdout.write(
    `${report.name.padEnd(12)} ${kilobytes(report.bytes)} KB  ${kilobytes(report.gzipBytes)} KB gzip  ${report.file}\n`,
  );
}
