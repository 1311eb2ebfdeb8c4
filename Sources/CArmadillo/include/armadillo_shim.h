// What DriftEvaluation needs of Armadillo, with C linkage. Matrices are row-major doubles; symmetric ones need no order.
#ifndef ARMADILLO_SHIM_H
#define ARMADILLO_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Mean [dimensions] and unbiased covariance [dimensions][dimensions] of `count` vectors [count][dimensions]. With one vector the covariance is 0.
/// Returns false if there is no vector, no dimension, or memory runs out.
bool armadillo_statistics(const float *vectors, size_t count, size_t dimensions, double *mean, double *covariance);

/// Positive square root of a symmetric positive semidefinite matrix; eigenvalues that rounding made negative count as 0.
/// Returns false if the eigenvalues cannot be found (a value is not finite) or memory runs out.
bool armadillo_square_root(const double *matrix, size_t dimensions, double *root);

/// |mean_a - mean_b|^2 + trace(A + B - 2 (A^1/2 B A^1/2)^1/2), the squared 2-Wasserstein distance of two normal distributions.
/// Returns false as `armadillo_square_root` does.
bool armadillo_frechet_distance(const double *mean_a, const double *covariance_a, const double *mean_b, const double *covariance_b,
                                size_t dimensions, double *distance);

#ifdef __cplusplus
}
#endif

#endif
