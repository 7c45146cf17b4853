import { SCHEMA_LINE } from '../../config/manifest/published.ts';

/** A commented manifest of a service, to begin with. */
export const FIRST_MANIFEST = `${SCHEMA_LINE}# What to run, and how a new version takes the place of the one before.
apiVersion: supplant.dev/v1
kind: Service
name: web
environment: production

# One of: a published npm package at an exact version, npm:NAME@VERSION; a copy of a folder, dir:./app (relative to this
# file); a command that runs beside this file, cmd:node server.mjs
artifact: npm:http-server@14.1.1

blueprint:
  name: local-process
  config:
    # {host} and {port} stand for where the process must listen; PORT and HOST are in its environment, too.
    args: ['.', '--address', '{host}', '--port', '{port}']

# Where clients connect. If the port is taken another one is used; supplant status shows which.
router:
  port: 8080

# A new revision takes all the traffic at once, and loses it again if it is not healthy for this long.
strategy:
  kind: blue-green
  bake: 10s

# What a revision must prove before it gets any traffic.
checks:
  - name: answers
    http:
      path: /
      status: 200-399
    successes: 3
    interval: 500ms
    deadline: 1m

# Previous revisions kept running without traffic, for an instant rollback.
retention:
  warm: 1
  for: 1h
`;
