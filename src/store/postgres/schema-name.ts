/** The schema that everything is in. */
export const SCHEMA = 'supplant';
