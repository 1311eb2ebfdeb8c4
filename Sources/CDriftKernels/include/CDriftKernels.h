// Everything of the module.
#include "drift_events.h"
#include "drift_kernels.h"
#include "drift_noise.h"
#include "drift_operators.h"
#include "drift_pointers.h"
#include "drift_sampler.h"
#include "drift_scalar_math.h"
