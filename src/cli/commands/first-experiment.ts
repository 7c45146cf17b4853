import { EXPERIMENT_SCHEMA_LINE } from '../../config/experiment/published.ts';

/** A commented manifest of an experiment, to begin with. */
export const FIRST_EXPERIMENT = `${EXPERIMENT_SCHEMA_LINE}# Complete copies of a service for a while: made, probed, held against each other, and gone afterwards. What is live is
# never touched.
apiVersion: supplant.dev/v1
kind: Experiment
name: nightly
environment: production

# The copies that a run makes, all at once. Each is like a service (its live revision, or one of its revisions such as
# web/production@r12) with what is different in a patch; or a release of its own, with artifact and blueprint.
variants:
  - name: blue
    like: web/production
  - name: cached
    like: web/production
    patch:
      blueprint:
        config:
          env:
            CACHE: 'on'

# What is found out about each of them: requests at a rate, or checks as services have them.
probes:
  - name: front
    load:
      rate: 20 # requests a second, however fast they are answered
      for: 30s
      path: /
  - name: answers
    http:
      path: /

# The others are held against this one. Nothing is called a difference that is not one.
compare:
  baseline: blue

# When it runs by itself. Take it away to run it on demand only: supplant experiment run nightly
schedule:
  cron: '0 2 * * *'
  timeZone: UTC

# However a run ends, everything it made is destroyed by then.
ttl: 30m

# A run that is to begin while another one goes on does not take place.
overlap: skip

# How long results are kept.
keep: 720h
`;
