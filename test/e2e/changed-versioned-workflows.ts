/** Changed workflows for a worker that is a version: what becomes of them is said where the unchanged ones are. */
import '../../src/workflows/versioned.ts';

export * from '../replay/changed-workflows.ts';
