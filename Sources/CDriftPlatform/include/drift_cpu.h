// What the CPU that runs this process can do.
#ifndef DRIFT_CPU_H
#define DRIFT_CPU_H

#include <stdint.h>

typedef enum drift_cpu_feature {
  DRIFT_CPU_AVX2 = 1,
  DRIFT_CPU_AVX512_VNNI = 2,  // with AVX-512 F, BW and VL
  DRIFT_CPU_AVX_VNNI = 4,
  DRIFT_CPU_NEON = 8,
  DRIFT_CPU_DOTPROD = 16,     // int8 dot product of Armv8.2
  DRIFT_CPU_I8MM = 32,        // int8 matrix product of Armv8.6
} drift_cpu_feature;

/// A set of drift_cpu_feature, of which the operating system saves the registers. Asks the CPU each time.
uint32_t drift_cpu_features(void);

#endif
