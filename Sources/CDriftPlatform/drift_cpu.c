#include "drift_cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>

static uint64_t saved_registers(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

uint32_t drift_cpu_features(void) {
  enum { YMM = 0x6, ZMM = 0xE6 };
  uint32_t a, b, c, d, result = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
  const uint64_t saved = saved_registers();
  if ((saved & YMM) != YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  const uint32_t avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512VL;
  if (b & bit_AVX2) result |= DRIFT_CPU_AVX2;
  if ((saved & ZMM) == ZMM && (b & avx512) == avx512 && (c & bit_AVX512VNNI)) result |= DRIFT_CPU_AVX512_VNNI;
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & bit_AVXVNNI)) result |= DRIFT_CPU_AVX_VNNI;
  return result;
}

#elif defined(__linux__) && (defined(__aarch64__) || defined(__arm__))

#include <sys/auxv.h>

// Bits of the kernel's user interface (asm/hwcap.h), which older C libraries do not name.
enum { NEON_32 = 1 << 12, ASIMD_64 = 1 << 1, ASIMDDP_64 = 1 << 20, I8MM_64_2 = 1 << 13 };

uint32_t drift_cpu_features(void) {
  const unsigned long capabilities = getauxval(AT_HWCAP);
#if defined(__arm__)
  return capabilities & NEON_32 ? DRIFT_CPU_NEON : 0;
#else
  uint32_t result = 0;
  if (capabilities & ASIMD_64) result |= DRIFT_CPU_NEON;
  if (capabilities & ASIMDDP_64) result |= DRIFT_CPU_DOTPROD;
  if (getauxval(AT_HWCAP2) & I8MM_64_2) result |= DRIFT_CPU_I8MM;
  return result;
#endif
}

#else

uint32_t drift_cpu_features(void) {
  uint32_t result = 0;
#if defined(__ARM_NEON)
  result |= DRIFT_CPU_NEON;
#endif
#if defined(__ARM_FEATURE_DOTPROD)
  result |= DRIFT_CPU_DOTPROD;
#endif
  return result;
}

#endif
