/**
 * Permeability constants of the human chorioamnion at term and after 12 to 26 weeks: M. Hollander and D. A. Wolfe,
 * Nonparametric Statistical Methods, example 4.1; also in the help of R's `wilcox.test`.
 */
export const PERMEABILITY = {
  term: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
  weeks: [1.15, 0.88, 0.9, 0.74, 1.21],
};

/** Ozone over New York in May and August 1973, with ties: R's `airquality`. */
export const OZONE = {
  may: [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37],
  august: [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85],
};
