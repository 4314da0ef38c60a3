export {
  type BundleOptions,
  type BundleReport,
  bundle,
  bundleDirectory,
  bundleFunctions,
  functionsWithHandlers,
  handlerFile,
} from './bundle.ts';
export {
  CONTEXT_KEY,
  type ConfigProblem,
  configFromContext,
  parseConfig,
  type VaultConfig,
} from './config.ts';
export { SmartVault, type SmartVaultProps } from './constructs/smart-vault.ts';
export {
  SmartVaultDestination,
  type SmartVaultDestinationProps,
} from './constructs/smart-vault-destination.ts';
export {
  alarmName,
  dashboardName,
  destinationStackName,
  FUNCTION_NAMES,
  type FunctionName,
  functionName,
  logGroupName,
  queueNames,
  runbookPage,
  sourceStackName,
  topicName,
} from './names.ts';
export { addVaultStacks, type VaultStacks, type VaultStacksProps } from './stacks.ts';
export {
  bundledCode,
  contextOfCdkJson,
  createVaultApp,
  type VaultApp,
  type VaultAppOptions,
} from './vault-app.ts';
