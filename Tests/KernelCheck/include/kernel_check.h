// Compares every kernel of a set with the scalar reference over small shapes and extreme values. Plain C, so that the same program
// runs on the host and, cross-compiled, under qemu; its checksum must be the same everywhere.
#ifndef KERNEL_CHECK_H
#define KERNEL_CHECK_H

#include <stdint.h>

#include "drift_kernels.h"

typedef struct kernel_check_result {
  uint32_t checksum;   // CRC-32 of everything the scalar reference computed
  uint32_t cases;
  uint32_t failures;
  char first_failure[160];  // which kernel, which shape
} kernel_check_result;

/// Runs all checks of a set.
void kernel_check(const drift_kernel_set *_Nonnull set, kernel_check_result *_Nonnull result);

#endif
