/* Put before every C file: musl's headers, with Android's own name for errno. */
#ifndef __ASSEMBLER__
#include <errno.h>
#undef errno
#ifdef __cplusplus
extern "C"
#endif
int *__errno(void);
#define errno (*__errno())
#endif
