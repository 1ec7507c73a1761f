{
  "targets": [
    {
      "target_name": "greenlets",
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('src', { recursive: true }).filter((f) => f.endsWith('.cc')).sort().map((f) => 'src/' + f).join(' ')\")"
      ],
      "include_dirs": ["src"],
      "cflags": ["-fvisibility=hidden"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-Wall",
        "-Wextra",
        "-Wno-unused-parameter",
        "-Wno-cast-function-type",
        "-fno-exceptions",
        "-fno-rtti"
      ],
      "conditions": [
        ["target_arch=='x64'", { "sources": ["src/arch/x86_64.S"] }],
        ["target_arch=='arm64'", { "sources": ["src/arch/aarch64.S"] }]
      ]
    }
  ]
}
