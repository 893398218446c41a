/* Kernels for Windows without Python: maps a block as the loader does, makes recorded calls, and prints
   a line for each: CRC-32 of what it returned and wrote, and whether it left alone what a function of
   Windows' convention must (rbx, rsi, rdi, r12 to r15, xmm6 to xmm15).

   windows_calls.exe BLOCK CALLS

   CALLS is u64s, little-endian. A call: offset of its code, 1 if it returns an f64, number of
   arguments, and these, each a kind with its value. 0: a number. 1 or 2: a buffer, its size, and its
   bytes, filled up to eight; the call may write to one of kind 2. 3: the same buffer as that argument. */
#include <windows.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 65536
#define ARGUMENTS_MAX 16

/* Calls code(arguments[0], …), each in all registers where Windows looks for one of its place. out: rax
   and xmm0. Returns 0 if the registers are as they were. */
uint64_t call(void *code, uint64_t *arguments, uint64_t count, uint64_t *out);
__asm__(
    ".globl call\n"
    "call:\n"
    "  push %rbp\n  mov %rsp, %rbp\n"
    "  push %rbx\n  push %rsi\n  push %rdi\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
    "  sub $168, %rsp\n"
    "  .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n  movups %xmm\\n, (\\n - 6) * 16(%rsp)\n  .endr\n"
    "  mov %r9, 40(%rbp)\n"
    "  mov %r8, %rax\n  cmp $4, %rax\n  jae 1f\n  mov $4, %eax\n"
    "1:inc %rax\n  and $-2, %rax\n  shl $3, %rax\n  sub %rax, %rsp\n"
    "  xor %r10d, %r10d\n"
    "2:cmp %r8, %r10\n  jae 3f\n  mov (%rdx, %r10, 8), %r11\n  mov %r11, (%rsp, %r10, 8)\n  inc %r10\n  jmp 2b\n"
    "3:movabs $0x5ca1ab1e0ddba11, %rbx\n"
    "  .irp r, rsi, rdi, r12, r13, r14, r15\n  mov %rbx, %\\r\n  .endr\n"
    "  .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n  movq %rbx, %xmm\\n\n  punpcklqdq %xmm\\n, %xmm\\n\n  .endr\n"
    "  mov %rcx, %rax\n"
    "  mov (%rsp), %rcx\n  mov 8(%rsp), %rdx\n  mov 16(%rsp), %r8\n  mov 24(%rsp), %r9\n"
    "  movq %rcx, %xmm0\n  movq %rdx, %xmm1\n  movq %r8, %xmm2\n  movq %r9, %xmm3\n"
    "  call *%rax\n"
    "  lea -224(%rbp), %rsp\n"
    "  mov 40(%rbp), %r11\n  mov %rax, (%r11)\n  movq %xmm0, 8(%r11)\n"
    "  movabs $0x5ca1ab1e0ddba11, %r10\n  xor %eax, %eax\n"
    "  .irp r, rbx, rsi, rdi, r12, r13, r14, r15\n  xor %r10, %\\r\n  or %\\r, %rax\n  .endr\n"
    "  .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "  movq %xmm\\n, %r11\n  xor %r10, %r11\n  or %r11, %rax\n"
    "  psrldq $8, %xmm\\n\n  movq %xmm\\n, %r11\n  xor %r10, %r11\n  or %r11, %rax\n"
    "  movups (\\n - 6) * 16(%rsp), %xmm\\n\n  .endr\n"
    "  lea -56(%rbp), %rsp\n"
    "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rdi\n  pop %rsi\n  pop %rbx\n  pop %rbp\n"
    "  ret\n");

static uint32_t crc32(uint32_t crc, const unsigned char *data, uint64_t size) {
    crc = ~crc;
    for (uint64_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
    }
    return ~crc;
}

static unsigned char *read_file(const char *path, long *size) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(2);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    unsigned char *data = malloc(*size);
    if (!data || fread(data, 1, *size, file) != (size_t)*size) exit(2);
    fclose(file);
    return data;
}

int main(int count, char **words) {
    long block_size, calls_size;
    if (count != 3) return 2;
    unsigned char *block = read_file(words[1], &block_size);
    uint64_t *at = (uint64_t *)read_file(words[2], &calls_size), *end = at + calls_size / 8;

    SIZE_T size = block_size - HEADER_BYTES;
    DWORD before;
    char *code = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!code) return 3;
    memcpy(code, block + HEADER_BYTES, size);
    if (!VirtualProtect(code, size, PAGE_EXECUTE_READ, &before)) return 3;
    FlushInstructionCache(GetCurrentProcess(), code, size);

    while (at < end) {
        uint64_t offset = *at++, returns_f64 = *at++, arguments = *at++, passed[ARGUMENTS_MAX], sizes[ARGUMENTS_MAX] = {0}, out[2];
        if (arguments > ARGUMENTS_MAX) return 2;
        for (uint64_t i = 0; i < arguments; i++) {
            uint64_t kind = *at++, value = *at++;
            if (kind == 0) {
                passed[i] = value;
            } else if (kind == 3) {
                passed[i] = passed[value];
                sizes[i] = sizes[value];
            } else {
                /* At a line of the cache, and with one after it: vectors may be read past the end. */
                passed[i] = value ? (uint64_t)_aligned_malloc(value + 128, 64) : 0;
                memcpy((void *)passed[i], at, value);
                at += (value + 7) / 8;
                sizes[i] = kind == 2 ? value : 0;
            }
        }
        uint64_t spoiled = call(code + offset, passed, arguments, out);
        uint32_t crc = crc32(0, (unsigned char *)&out[returns_f64], 8);
        for (uint64_t i = 0; i < arguments; i++) crc = crc32(crc, (unsigned char *)passed[i], sizes[i]);
        printf("%08x%s\n", crc, spoiled ? " registers spoiled" : "");
    }
    return 0;
}
