/**
 * Whether a tool found on this machine will do: the pinned version or a newer release of the same line, up to but not
 * including `below`. Pre-releases and development builds are refused: nobody can say what is in them.
 * @param {string} version
 * @param {{ version: string, below: string }} limits
 */
export function isAccepted(version, limits) {
  if (!/^v?\d+\.\d+\.\d+$/.test(version)) return false;
  return compareVersions(version, limits.version) >= 0 && compareVersions(version, limits.below) < 0;
}

/**
 * @param {string} left `1.2.3`, with or without a leading v; missing parts count as 0
 * @param {string} right
 * @returns {number} negative when `left` is the older one
 */
export function compareVersions(left, right) {
  const [a, b] = [left, right].map((version) => version.replace(/^v/, '').split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
