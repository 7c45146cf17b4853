import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stackName } from '../../domain/revision.ts';
import type { BlueprintRef } from '../../domain/service.ts';
import type { Blueprint, BlueprintFactory, BlueprintProgram, StackId } from '../blueprint.ts';
import {
  type BlueprintDescription,
  BlueprintError,
  EngineError,
  OperationAborted,
  type OperationContext,
  ResourceError,
  StackBusyError,
  type StackDriver,
  type StackInput,
  type StackOutputs,
  type StackPlan,
  type StackProgress,
  type StackSummary,
} from '../driver.ts';
import { self } from '../process-identity.ts';
import { BlueprintRegistry } from './registry.ts';
import { engineEnvironment, ensurePassphrase } from './environment.ts';
import type { EventLog } from './engine-events.ts';
import { inputDigest } from './input-digest.ts';
import { Ledger } from './ledger.ts';
import { type OperationSettings, runOperation } from './operation.ts';
import { stackOutputs } from './outputs.ts';
import { endLeftOperation, removeStaleLocks } from './recovery.ts';
import { StateStore } from './state-store.ts';

export interface PulumiStackDriverOptions {
  /** Absolute folder; state, the engine's home, working folders and the blueprints' own data go below it. */
  dataDir: string;
  /** The Pulumi CLI: `<root>/bin/pulumi`. */
  pulumiBinary: string;
  blueprints: readonly BlueprintFactory[];
  /** Holds the secret that encrypts state; generated when missing. `<dataDir>/passphrase` unless told. */
  passphraseFile?: string;
  /** Between SIGINT, a second SIGINT and SIGKILL, in milliseconds. 30,000 unless told. */
  stopGraceMs?: number;
  /** When an engine that waits for nothing counts as hung, in milliseconds. 120,000 unless told. */
  idleMs?: number;
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number;
}
