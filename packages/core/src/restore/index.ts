export type {
  CreateVolumeCall,
  DeviceRequest,
  Image,
  LaunchInstanceCall,
  MadeByRestores,
  RegisterImageCall,
  RestoreCall,
  RestoreStore,
  RestoreSubject,
  SecurityGroup,
  Subnet,
} from './calls.ts';
export { planRestore } from './plan.ts';
export type {
  PlannedVolume,
  Problem,
  RestoreFacts,
  RestorePlan,
  RestoreRequest,
  RestoreStep,
  Unknown,
} from './types.ts';
