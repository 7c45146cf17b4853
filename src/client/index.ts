/** The client for programs: `connectRemote` for a known gateway, `connectClient` for the one the environment names. */
export { ApiError, type ApiErrorReason, type HistoryView, type SupplantClient } from '../contract/supplant-client.ts';
export { type ConnectOptions, connectClient } from './client.ts';
export { type DeployOptions, type Release, RolloutFailedError, deployAndWait } from './deploy-and-wait.ts';
export { type RemoteOptions, type TokenSource, connectRemote } from './remote-client.ts';
