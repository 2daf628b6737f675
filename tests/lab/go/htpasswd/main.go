// Htpasswd prints a line of an htpasswd file: `htpasswd -Bbn USER PASSWORD`, with bcrypt as the registry wants it.
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// What Apache's program uses where no cost is given.
const cost = 5

func main() {
	if len(os.Args) != 4 || os.Args[1] != "-Bbn" {
		fmt.Fprintln(os.Stderr, "usage: htpasswd -Bbn USER PASSWORD")
		os.Exit(2)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(os.Args[3]), cost)
	if err != nil {
		fmt.Fprintln(os.Stderr, "htpasswd:", err)
		os.Exit(1)
	}
	fmt.Printf("%s:%s\n\n", os.Args[2], strings.Replace(string(hash), "$2a$", "$2y$", 1))
}
