/* What the NDK's crtbegin_so.o and crtend_so.o would bring: a library's name for itself, what it leaves to be done
   when it goes, and the note by which Android knows for which version it was made. */

__attribute__((visibility("hidden"))) void *__dso_handle = &__dso_handle;

extern void __cxa_finalize(void *);
extern int __cxa_atexit(void (*)(void *), void *, void *);

__attribute__((destructor)) static void go(void) { __cxa_finalize(&__dso_handle); }

__attribute__((visibility("hidden"))) int atexit(void (*function)(void)) {
    return __cxa_atexit((void (*)(void *))function, 0, &__dso_handle);
}

__attribute__((section(".note.android.ident"), used)) static const struct {
    int name_length, text_length, kind;
    char name[8];
    int api;
} ident = {8, 4, 1, "Android", 24};
