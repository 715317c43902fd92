package post

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
)

// Trust has a gateway's own client believe other roots.
func Trust(g *Gateway, roots *x509.CertPool) {
	g.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
}
