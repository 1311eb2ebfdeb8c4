#pragma once
#include "drift_convert.h"
