# SPDX-License-Identifier: BSD-2-Clause
# Compiler flags of the project's own targets, as one interface library: link nvm_flags privately.
add_library(nvm_flags INTERFACE)
target_compile_features(nvm_flags INTERFACE c_std_11)
target_compile_options(nvm_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
	-fno-common)
target_compile_definitions(nvm_flags INTERFACE _GNU_SOURCE)
target_link_libraries(nvm_flags INTERFACE Threads::Threads)

if(NVM_SANITIZE)
	target_compile_options(nvm_flags INTERFACE
		-fsanitize=${NVM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(nvm_flags INTERFACE -fsanitize=${NVM_SANITIZE})
endif()
