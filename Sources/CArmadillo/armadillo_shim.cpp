#include "armadillo_shim.h"

#include <algorithm>
#include <armadillo>

namespace {

/// A view of the caller's memory. Armadillo is column-major, so a row-major [rows][columns] array appears transposed.
arma::mat view(const double *values, size_t rows, size_t columns) { return arma::mat(const_cast<double *>(values), rows, columns, false, true); }

/// Rounding leaves eigenvalues of a singular matrix anywhere within a few units of the largest one's last place; their square roots would
/// add up to visible noise.
arma::vec clipped_roots(arma::vec eigenvalues) {
  if (eigenvalues.is_empty()) return eigenvalues;
  const double floor = std::max(eigenvalues.max(), 0.0) * 2.3e-16 * static_cast<double>(eigenvalues.n_elem);
  eigenvalues.transform([floor](double value) { return value > floor ? std::sqrt(value) : 0.0; });
  return eigenvalues;
}

bool square_root(const arma::mat &matrix, arma::mat &root) {
  arma::vec eigenvalues;
  arma::mat eigenvectors;
  if (!matrix.is_finite() || !arma::eig_sym(eigenvalues, eigenvectors, arma::symmatu(matrix))) return false;
  root = eigenvectors * arma::diagmat(clipped_roots(eigenvalues)) * eigenvectors.t();
  return true;
}

/// Runs a computation; what it throws (memory, LAPACK) becomes false, since no exception may cross into Swift.
template <typename Computation>
bool guarded(Computation computation) {
  try {
    return computation();
  } catch (...) {
    return false;
  }
}

}  // namespace

bool armadillo_statistics(const float *vectors, size_t count, size_t dimensions, double *mean, double *covariance) {
  return guarded([&] {
    if (count == 0 || dimensions == 0) return false;
    const arma::mat samples =
        arma::conv_to<arma::mat>::from(arma::fmat(const_cast<float *>(vectors), dimensions, count, false, true));
    const arma::vec centre = arma::mean(samples, 1);
    arma::mat spread(dimensions, dimensions, arma::fill::zeros);
    if (count > 1) {
      const arma::mat centred = samples.each_col() - centre;
      spread = centred * centred.t() / static_cast<double>(count - 1);
    }
    std::copy(centre.begin(), centre.end(), mean);
    std::copy(spread.begin(), spread.end(), covariance);
    return true;
  });
}

bool armadillo_square_root(const double *matrix, size_t dimensions, double *root) {
  return guarded([&] {
    arma::mat result;
    if (!square_root(view(matrix, dimensions, dimensions), result)) return false;
    std::copy(result.begin(), result.end(), root);
    return true;
  });
}

bool armadillo_frechet_distance(const double *mean_a, const double *covariance_a, const double *mean_b, const double *covariance_b,
                                size_t dimensions, double *distance) {
  return guarded([&] {
    const arma::mat a = view(covariance_a, dimensions, dimensions), b = view(covariance_b, dimensions, dimensions);
    const arma::vec offset = view(mean_a, dimensions, 1) - view(mean_b, dimensions, 1);
    arma::mat root;
    if (!offset.is_finite() || !b.is_finite() || !square_root(a, root)) return false;
    arma::vec eigenvalues;
    if (!arma::eig_sym(eigenvalues, arma::symmatu(root * b * root))) return false;
    *distance = std::max(arma::dot(offset, offset) + arma::trace(a) + arma::trace(b) - 2 * arma::accu(clipped_roots(eigenvalues)), 0.0);
    return true;
  });
}
