/* A library that is no plugin at all. */
#include <unigate/plugin.h>

UG_EXPORT int stranger_answer(void);
UG_EXPORT int stranger_answer(void) {
  return 42;
}
