export { DURATION, DURATION_EXAMPLES, formatDuration, parseDuration } from '../domain/duration.ts';
