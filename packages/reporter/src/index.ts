export { type ReporterConfig, reporterEnv, toReportConfig } from './config.ts';
export { type ReportConfig, type ReportPorts, type ReportResult, reportRun } from './report-run.ts';
