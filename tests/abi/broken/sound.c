/* No fault: the control that shows that the shelf's base works. */
#include "base.h"
