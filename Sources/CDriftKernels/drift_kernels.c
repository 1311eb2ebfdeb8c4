#include "drift_kernels.h"
