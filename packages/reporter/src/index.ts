export { type ReporterConfig, reporterEnv, toReportConfig } from './config.ts';
export { createReporterHandler } from './create-handler.ts';
export { type ReportConfig, type ReportPorts, type ReportResult, reportRun } from './report-run.ts';
