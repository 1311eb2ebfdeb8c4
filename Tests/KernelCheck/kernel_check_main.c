// The check as a program, for boards and emulators: a line for each set of kernels that this CPU runs, "NAME CHECKSUM CASES"; exit
// status 1 if one differs from the scalar reference.
#include <stdio.h>

#include "drift_cpu.h"
#include "include/kernel_check.h"

static int report(const drift_kernel_set *set) {
  kernel_check_result result;
  kernel_check(set, &result);
  printf("%s %08x %u\n", set->name, result.checksum, result.cases);
  if (result.failures > 0) printf("%s: %u failures, first: %s\n", set->name, result.failures, result.first_failure);
  return result.failures > 0;
}

int main(void) {
  int failed = report(drift_kernels_scalar());
  const uint32_t features = drift_cpu_features();
  (void)features;
#if defined(__x86_64__)
  if (features & DRIFT_CPU_AVX2) failed |= report(drift_kernels_avx2());
  if ((features & DRIFT_CPU_AVX2) && (features & DRIFT_CPU_AVX_VNNI)) failed |= report(drift_kernels_avxvnni());
  if (features & DRIFT_CPU_AVX512_VNNI) failed |= report(drift_kernels_avx512vnni());
#endif
#if defined(__aarch64__) || defined(__arm__)
  if (features & DRIFT_CPU_NEON) failed |= report(drift_kernels_neon());
#endif
#if defined(__aarch64__)
  if (features & DRIFT_CPU_DOTPROD) failed |= report(drift_kernels_dotprod());
  if ((features & DRIFT_CPU_DOTPROD) && (features & DRIFT_CPU_I8MM)) failed |= report(drift_kernels_i8mm());
#endif
  return failed;
}
